# SPDX-License-Identifier: Apache-2.0
# Shortcuts. The build itself is described in CMakeLists.txt, its configurations in CMakePresets.json.
ifneq ($(shell command -v ninja),)
export CMAKE_GENERATOR ?= Ninja
endif
PREFIX ?= /usr/local
JOBS ?= $(shell nproc)

all: ; @tests/install.sh build && cmake --preset release && cmake --build --preset release -j $(JOBS)
demo: ; @examples/demo.sh
help: ; @echo "make, make demo, make check, make test, make install PREFIX=/opt/inchip, make board-kit TARGET=rv1109; README.md says more, CONTRIBUTING.md the rest"
test: ; @tests/run.sh
check: all ; @ctest --preset release -j $(JOBS)
checkkern: all ; @build/release/tests/checkkern
board-kit: ; @examples/board/kit.sh "$(or $(TARGET),rv1109)"
conformance: all ; @tests/conformance/run.sh
cross: ; @CROSS="$(CROSS)" cmake --preset cross && cmake --build --preset cross -j $(JOBS)
random: all ; @INCHIP_SEED="$(SEED)" INCHIP_CASES="$(or $(CASES),2000)" build/release/tests/random
release: ; @release/make.py
bench: all ; @tests/bench.sh
figures: all ; @tests/bench.sh --page >build/figures.md && mv build/figures.md docs/figures.md
fuzz: ; @tests/fuzz/run.sh
lint: all ; @tests/lint/run.sh build/release
format: ; @tests/lint/files.sh '*.c' '*.h' '*.cpp' | xargs clang-format-14 -i
install: all ; @cmake --install build/release --prefix $(PREFIX)
clean: ; @rm -rf build

.PHONY: help figures release random conformance board-kit cross all demo test check checkkern bench fuzz lint format install clean
