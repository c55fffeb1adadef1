# SPDX-License-Identifier: Apache-2.0
inchip convert "$EXAMPLE/logistic.pt" --input x=1x784 --target x86-64 -o model && inchip convert "$EXAMPLE/logistic.pt" --input x=1x784 --target x86-64 --c-array digits -o model
cat >main.c <<'END'
#include <stdint.h>
#include <stdio.h>
extern const unsigned char digits[];
extern const size_t digits_bytes;
int main(void)
{
    fwrite(digits, 1, digits_bytes, stdout);
    return (uintptr_t)digits % 64 != 0;
}
END
cc -std=c11 -Wall -Wextra -Wpedantic -Werror -c model.c -o model.o && cc -std=c11 main.c model.o -o main && ./main | cmp - model.ic && echo "aligned, and the file's bytes"
if command -v c++ >/dev/null; then
    cp model.c model.cpp
    c++ -std=c++11 -Wall -Wextra -Wpedantic -Werror -c model.cpp -o model.o && cc -std=c11 main.c model.o -o main && ./main | cmp - model.ic || echo "not with C++"
fi
rm -f model.cpp
inchip convert "$EXAMPLE/logistic.pt" --input x=1x784 --c-array 9digits -o other.c
ls
