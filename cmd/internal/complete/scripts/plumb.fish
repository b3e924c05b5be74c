# Completion of plumb for fish. Load it with
#     plumb completion fish | source
# or store it as ~/.config/fish/completions/plumb.fish.

function __plumb_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l text (string unescape -- $current)
    or set text $current
    test (count $text) -eq 1; or set text ''
    set -l answer ($words[1] __complete $words[2..] $text 2>/dev/null)
    or return
    for line in $answer
        string match -q ':*' -- $line; or echo -- $line
    end
    switch $answer[-1]
        case ':0'
            # What fish offers a command that it knows nothing of: files.
            complete -C "'' $current"
        case ':16'
            __fish_complete_directories $current ''
    end
end

complete -c plumb -f -a '(__plumb_complete)'
complete -c kubectl-plumb -f -a '(__plumb_complete)'
