/**
 * What stands between us and the program, in POSIX sh. Its standard input is a pipe whose other end only
 * we hold, so the kernel closes it whatever way we die; the watcher then asks the program to stop, and
 * after a grace kills it. It is the program's parent and ends the watcher with the program, whose pid so
 * can't be somebody else's meanwhile; should the wrapper be killed itself, the watcher ends within a second
 * of the program.
 *
 * Arguments: signal, grace in whole seconds, command, arguments. It reports the program's pid on descriptor 3
 * and exits with its status (128 + n when signal n ended it).
 */
export const wrapperScript = `
signal=$1 grace=$2
shift 2
exec 4<&0 </dev/null
"$@" 3>&- 4<&- &
child=$!
(
  exec 3>&-
  read -r _ <&4
  kill -s "$signal" "$child"
  while kill -s 0 "$child"; do
    [ "$grace" -gt 0 ] || kill -s KILL "$child"
    sleep 1
    grace=$((grace - 1))
  done
) >/dev/null 2>&1 &
watcher=$!
exec 4<&-
echo "$child" >&3
exec 3>&-
wait "$child"
status=$?
kill "$watcher" 2>/dev/null
exit "$status"
`;
