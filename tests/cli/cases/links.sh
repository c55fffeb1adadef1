# SPDX-License-Identifier: Apache-2.0
# -o and a link: the file behind it gets the bytes, the link stays a link; devices and pipes get the bytes themselves.
convert() { inchip convert "$EXAMPLE/logistic.pt" --input x=1x784 -o "$1" 2>/dev/null; }
convert plain.ic
mkdir below
ln -s below/real.ic new.ic            # leads to no file yet
echo old >target; ln -s target old.ic
ln -s /dev/stdout out.ic
mkfifo pipe; ln -s pipe piped.ic
for name in new.ic old.ic; do
    convert "$name"; echo "$name: $?"
    test -L "$name" && cmp "$name" plain.ic && echo "still a link to $(readlink "$name")"
done
convert out.ic | cmp - plain.ic && echo 'through a pipe'
convert /dev/stdout >redirected && cmp redirected plain.ic && echo 'through a redirection'
{ printf 'before '; convert /dev/fd/1; } >appended && tail -c +8 appended | cmp - plain.ic && echo 'behind what was written'
cat pipe >read & convert piped.ic; wait; cmp read plain.ic && test -p pipe && echo 'into a named pipe'
inchip strip old.ic -o old.ic 2>/dev/null; test -L old.ic && inchip inspect target | head -n 1
inchip run new.ic --input "$EXAMPLE/8.png" --output out.npy >/dev/null 2>&1; ls
