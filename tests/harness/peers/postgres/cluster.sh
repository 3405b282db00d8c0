#!/bin/sh
# A PostgreSQL cluster that lasts as long as standard input: `cluster.sh BIN`, with the folder of PostgreSQL's programs.
# Says in which folder its socket is once it answers. Whoever started it may be killed: everything goes then, too.

# A key pressed at the terminal ends the tests, and thereby the input; this waits for that.
trap '' HUP INT TERM

bin=$1
# Not TMPDIR: the path of a socket must be short.
folder=$(mktemp -d /tmp/patchbay-postgres-XXXXXX) || exit 1
trap 'rm -rf "$folder"' EXIT

"$bin/initdb" -D "$folder/data" -U patchbay -A trust -E UTF8 --locale=C --no-sync >"$folder/log" 2>&1 || {
    cat "$folder/log" >&2
    exit 1
}
"$bin/postgres" -D "$folder/data" -k "$folder" -c listen_addresses= -c max_connections=500 \
    -c fsync=off -c synchronous_commit=off -c full_page_writes=off >>"$folder/log" 2>&1 </dev/null &
server=$!

tries=0
until "$bin/pg_isready" -q -h "$folder"; do
    tries=$((tries + 1))
    if [ $tries -gt 600 ] || ! kill -0 $server; then
        cat "$folder/log" >&2
        kill -QUIT $server
        exit 1
    fi
    sleep 0.05
done
echo "$folder"

cat >/dev/null
# Without waiting for those who are still connected.
kill -INT $server
wait $server
