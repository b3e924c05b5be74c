#compdef plumb kubectl-plumb
# Completion of plumb for zsh. Load it, behind compinit, with
#     source <(plumb completion zsh)
# or store it as _plumb in a directory of $fpath.

_plumb() {
    local line answer directive
    local -a before described plain folders
    before=("${(@Q)words[2,CURRENT-1]}")
    answer=$("${(Q)words[1]}" __complete "${before[@]}" "${(Q)PREFIX}" 2>/dev/null) || return 1
    directive=${answer##*:}
    for line in "${(@f)answer}"; do
        case $line in
            :*) ;;
            *$'\t'*) described+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}") ;;
            */) folders+=("$line") ;;
            ?*) plain+=("$line") ;;
        esac
    done
    local found=1
    (( ${#described} )) && _describe -t plumb 'plumb' described && found=0
    (( ${#plain} )) && compadd -- "${plain[@]}" && found=0
    (( ${#folders} )) && compadd -S '' -- "${folders[@]}" && found=0
    case $directive in
        0) _files && found=0 ;;
        16) _files -/ && found=0 ;;
    esac
    return found
}

# Run by compinit from a file of its own, or sourced.
if [[ ${funcstack[1]} == _plumb ]]; then
    _plumb "$@"
else
    compdef _plumb plumb kubectl-plumb
fi
