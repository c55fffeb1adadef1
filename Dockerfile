# SPDX-License-Identifier: Apache-2.0
# The tool in a container:   docker build -t inchip .   then   docker run --rm -v "$PWD":/work inchip convert model.pt --target rv1109 -o model.ic
# Python scripts:            docker run --rm -v "$PWD":/work --entrypoint python inchip test.py
FROM debian:12-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends \
        cmake gcc libc6-dev libjansson-dev libjpeg-dev libyaml-dev ninja-build pkg-config python3 python3-venv \
    && rm -rf /var/lib/apt/lists/*
COPY . /src
RUN python3 -m venv /opt/inchip && /opt/inchip/bin/pip install --no-cache-dir /src /src/python/inchip-rknn

FROM debian:12-slim
RUN apt-get update && apt-get install -y --no-install-recommends libjansson4 libjpeg62-turbo libyaml-0-2 python3 \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /opt/inchip /opt/inchip
ENV PATH=/opt/inchip/bin:$PATH
WORKDIR /work
ENTRYPOINT ["inchip"]
