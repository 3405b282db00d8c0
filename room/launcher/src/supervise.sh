# Runs "$@" for exactly as long as standard input stays open, and appends its output to the file $1.
#
# The launcher holds the other end of standard input. However it ends, the kernel closes that end, and
# the server is killed. Each line that arrives names a signal for the server. Should this shell itself be
# killed, the server dies by its parent-death signal (where the machine has setpriv, as Debian always does).
log=$1
shift
exec 3<&0
if command -v setpriv >/dev/null 2>&1; then
    set -- setpriv --pdeathsig KILL -- "$@"
fi
"$@" </dev/null 3<&- >>"$log" 2>&1 &
server=$!
echo "$server"
{
    while read -r signal <&3; do kill -s "$signal" "$server"; done
    kill -s KILL "$server"
} >/dev/null 2>&1 &
watcher=$!
wait "$server"
status=$?
kill "$watcher" 2>/dev/null
exit "$status"
