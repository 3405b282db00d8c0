# Shared by the scripts: sourced, not run.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# The launcher and the tests look for tools here, wherever Cargo puts what it builds.
tools=$root/target

# Not on every user's PATH, but anybody may look there.
PATH=$PATH:/usr/sbin:/sbin

say() { printf '\033[1m» %s\033[0m\n' "$*"; }
fail() { printf '%s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }
