# SPDX-License-Identifier: Apache-2.0
# Help of a verb, however it is asked for; of no verb, that is said.
inchip run --help >wanted
for words in 'help run' '--help run' '-h run' 'run -h' 'run m.ic --help'; do
    # shellcheck disable=SC2086
    inchip $words | cmp - wanted && echo "$words"
done
inchip help rum
inchip --json run m.ic
