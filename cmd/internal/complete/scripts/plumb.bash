# Completion of plumb for bash. Load it with
#     source <(plumb completion bash)
# or store it as ~/.local/share/bash-completion/completions/plumb.

_plumb() {
    local text=${2-} line=${COMP_LINE:0:COMP_POINT} answer directive
    COMPREPLY=()
    answer=$("$1" __complete-line "$line" "$text" 2>/dev/null) || return 0
    directive=${answer##*:}
    while IFS= read -r line; do
        [[ $line == :* ]] || COMPREPLY+=("${line%%$'\t'*}")
    done <<<"$answer"
    case $directive in
        0)
            # Files come from readline where nothing else is offered.
            if ((${#COMPREPLY[@]})); then
                compopt -o filenames 2>/dev/null
                while IFS= read -r line; do
                    COMPREPLY+=("$line")
                done < <(compgen -f -- "$text")
            fi
            ;;
        16) compopt -o dirnames +o default 2>/dev/null ;;
        *)
            compopt +o default 2>/dev/null
            if (((directive & 2) != 0)); then
                compopt -o nospace 2>/dev/null
            fi
            ;;
    esac
    return 0
}

complete -o default -F _plumb plumb kubectl-plumb
