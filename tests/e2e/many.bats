#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# sshd-entry, built with sanitizers, and 200 channels on one connection, some of which nobody reads

load server.bash

setup() {
  server_prepare
  server_start
  head -c 8000000 /dev/urandom >"$dir/large"
  head -c 30000 /dev/urandom >"$dir/small"
}

# A session whose two ends want to write before they read: both windows are used up until somebody
# writes to the FIFO hold.NAME.
stuck() { # NAME
  mkfifo "$dir/hold.$1"
  client -S "$dir/ctl" "cat $dir/large; exec sha256sum" <"$dir/large" |
    { read -r _ <"$dir/hold.$1" && cat >"$dir/got.$1"; }
}

freed() { # NAME
  echo >"$dir/hold.$1"
}

# Bytes both ways, stderr, an exit status.
one() { # NUMBER
  local status=0
  client -S "$dir/ctl" "cat; echo said $1 >&2; exit $1" <"$dir/small" >"$dir/out$1" 2>"$dir/err$1" || status=$?
  cmp "$dir/small" "$dir/out$1" && [ "$(<"$dir/err$1")" = "said $1" ] && [ $status -eq "$1" ] && rm "$dir/out$1"
}

@test "200 sessions by ControlMaster, three of them stuck, while keys are exchanged anew" {
  client -M -S "$dir/ctl" -N -f -v -E "$dir/master" -o LogLevel=DEBUG1 -o RekeyLimit=1M </dev/null >/dev/null 2>&1 3>&-
  for name in a b c; do
    stuck $name 3>&- &
    slow+=($!)
  done
  await 10 eval '[ "$(grep -c "started, process" "$log")" -eq 3 ]'
  for n in $(seq 197); do
    one "$n" 3>&- &
    pids+=($!)
  done
  for pid in "${pids[@]}"; do wait "$pid"; done
  kill -0 "${slow[@]}"
  for name in a b c; do freed $name; done
  for pid in "${slow[@]}"; do wait "$pid"; done
  want=$(sha256sum <"$dir/large")
  for name in a b c; do
    head -c 8000000 "$dir/got.$name" | cmp - "$dir/large"
    [ "$(tail -c +8000001 "$dir/got.$name")" = "$want" ]
  done
  # Keys were new ten times at the least: 48 MB went over it.
  [ "$(grep -c 'SSH2_MSG_NEWKEYS received' "$dir/master")" -gt 10 ]
  client -S "$dir/ctl" -O exit
}

@test "200 sessions that are open at once, three of them stuck, and no more than the most" {
  timeout 300 /usr/bin/python3 -W ignore - "$port" "$dir" <<'PY'
import asyncio, asyncssh, hashlib, sys
port, dir = int(sys.argv[1]), sys.argv[2]
large = open(dir + '/large', 'rb').read()

async def stuck(c):
    p = await c.create_process(f'cat {dir}/large; exec sha256sum', encoding=None)
    p.channel.pause_reading()
    p.stdin.write(large)
    return p

async def freed(p):
    p.channel.resume_reading()
    assert await p.stdout.readexactly(len(large)) == large
    p.stdin.write_eof()
    assert (await p.stdout.read()).split()[0].decode() == hashlib.sha256(large).hexdigest()
    assert (await p.wait()).exit_status == 0

async def main():
    async with asyncssh.connect('127.0.0.1', port, username='agent', client_keys=[dir + '/id'],
                                known_hosts=dir + '/known_hosts', config=None, agent_path=None) as c:
        slow = [await stuck(c) for _ in range(3)]
        # None of these ends before the last one has begun.
        many = [await c.create_process(f'read x; echo $x; echo {n} >&2; exit {n}') for n in range(197)]
        for n, p in enumerate(many):
            p.stdin.write(f'to {n}\n')
        for n, r in enumerate(await asyncio.gather(*[p.wait() for p in many])):
            assert (r.stdout, r.stderr, r.exit_status) == (f'to {n}\n', f'{n}\n', n), (n, r)
        assert all(p.channel.get_write_buffer_size() > 0 for p in slow)
        await asyncio.gather(*[freed(p) for p in slow])
        # The table is full at 256, and has room again when one leaves it.
        full = [await c.create_process('cat') for _ in range(256)]
        try:
            await c.create_process('cat')
            assert False, 'a 257th channel'
        except asyncssh.ChannelOpenError:
            pass
        full[100].stdin.write_eof()
        assert (await full[100].wait()).exit_status == 0
        assert (await c.run('exit 9')).exit_status == 9
asyncio.run(main())
PY
}
