# Runs the previous hook, if there is one, and then verifies what is about to be
# committed. To remove it: plumb hook uninstall
case $0 in
*/*) here=${0%/*} ;;
*) here=. ;;
esac
kept=$here/@KEPT@
if [ -n "${PRE_COMMIT_RUNNING_LEGACY-}" ] && grep -qs '@FRAMEWORK@' "$kept"; then
	kept= # the previous hook is the pre-commit framework's, which runs this one
fi
if [ -n "$kept" ] && [ -f "$kept" ] && [ -x "$kept" ]; then
	"$kept" "$@" || exit $?
fi
plumb=@NAME@
fallback=@FALLBACK@
if ! command -v "$plumb" >/dev/null 2>&1; then
	if [ -n "$fallback" ] && [ -x "$fallback" ]; then
		plumb=$fallback
	else
		echo "plumb: $plumb: command not found: the commit cannot be verified" >&2
		echo '    to fix it: put plumb into PATH, or run PATH_OF_PLUMB hook install --plumb PATH_OF_PLUMB' >&2
		echo '    to commit anyway: git commit --no-verify' >&2
		exit 3
	fi
fi
exec "$plumb" verify --staged
