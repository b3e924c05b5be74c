# Everything is built with the Go tool; git is needed too. make test says what else
# tests run. `make help` lists the targets.

STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2
ACTIONLINT  = github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
GOVULNCHECK = golang.org/x/vuln/cmd/govulncheck@v1.8.0
GORELEASER  = github.com/goreleaser/goreleaser/v2@v2.15.1
CYCLONEDX   = github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0

# Where build writes its output.
BIN = bin

# The folder testdata is not part of ./...; testdata/bench is a module of its own, whose
# dependencies are none of the product's. So are testdata/apiserver and testdata/control.
PACKAGES = ./... ./testdata/demo ./testdata/gotest ./testdata/tools
FUZZTIME = 5m
BENCHTIME = 200ms

# What `plumb version` prints. A checkout need not belong to the user that builds it,
# nor be a git repository, so the Go tool's own stamp is not used. The same commit built
# by the same Go gives the same bytes.
VERSION    := $(shell git describe --tags --always --abbrev=12 --dirty 2>/dev/null)
COMMIT     := $(shell git rev-parse --verify HEAD 2>/dev/null)
COMMITTIME := $(shell TZ=UTC git log -1 --format=%cd --date=format-local:%Y-%m-%dT%H:%M:%SZ 2>/dev/null)
MODIFIED   := $(if $(shell git status --porcelain 2>/dev/null),true)
LDFLAGS     = -s -w$(if $(VERSION), -X main.version=$(VERSION))$(if $(COMMIT), \
	-X main.commit=$(COMMIT) -X main.commitTime=$(COMMITTIME) -X main.modified=$(MODIFIED))

# Where install writes: below DESTDIR, to be run from PREFIX.
PREFIX  = /usr/local
DESTDIR =
BINDIR  = $(DESTDIR)$(PREFIX)/bin
SHARE   = $(DESTDIR)$(PREFIX)/share

.PHONY: help build man install uninstall tools apiserver control flux image release reproduce test bench demo lint fmt vet staticcheck actionlint govulncheck fuzz cover clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST)

build: ## bin/plumb
	go build -trimpath -buildvcs=false -ldflags '$(LDFLAGS)' -o '$(BIN)/plumb' ./cmd/plumb

man: build ## bin/plumb.1, the manual page
	'$(BIN)/plumb' man > '$(BIN)/plumb.1'

# Not rebuilt: the user that installs need not be the one that builds.
$(BIN)/plumb:
	$(MAKE) build

INSTALLED = '$(BINDIR)/plumb' '$(BINDIR)/kubectl-plumb' '$(BINDIR)/kubectl_complete-plumb' \
	'$(SHARE)/man/man1/plumb.1' '$(SHARE)/man/man1/kubectl-plumb.1' \
	'$(SHARE)/bash-completion/completions/plumb' '$(SHARE)/bash-completion/completions/kubectl-plumb' \
	'$(SHARE)/zsh/site-functions/_plumb' \
	'$(SHARE)/fish/vendor_completions.d/plumb.fish' '$(SHARE)/fish/vendor_completions.d/kubectl-plumb.fish'

install: $(BIN)/plumb ## plumb, kubectl plumb, manual page and completion, below DESTDIR and PREFIX
	install -d '$(BINDIR)' '$(SHARE)/man/man1' '$(SHARE)/bash-completion/completions' \
		'$(SHARE)/zsh/site-functions' '$(SHARE)/fish/vendor_completions.d'
	rm -f $(INSTALLED)
	install -m 755 '$(BIN)/plumb' '$(BINDIR)/plumb'
	ln -s plumb '$(BINDIR)/kubectl-plumb'
	'$(BIN)/plumb' completion kubectl > '$(BINDIR)/kubectl_complete-plumb'
	'$(BIN)/plumb' man > '$(SHARE)/man/man1/plumb.1'
	ln -s plumb.1 '$(SHARE)/man/man1/kubectl-plumb.1'
	'$(BIN)/plumb' completion bash > '$(SHARE)/bash-completion/completions/plumb'
	ln -s plumb '$(SHARE)/bash-completion/completions/kubectl-plumb'
	'$(BIN)/plumb' completion zsh > '$(SHARE)/zsh/site-functions/_plumb'
	'$(BIN)/plumb' completion fish > '$(SHARE)/fish/vendor_completions.d/plumb.fish'
	chmod 755 '$(BINDIR)/kubectl_complete-plumb'
	chmod 644 '$(SHARE)/man/man1/plumb.1' '$(SHARE)/bash-completion/completions/plumb' \
		'$(SHARE)/zsh/site-functions/_plumb' '$(SHARE)/fish/vendor_completions.d/plumb.fish'
	ln -s plumb.fish '$(SHARE)/fish/vendor_completions.d/kubectl-plumb.fish'

uninstall: ## remove what install installs
	rm -f $(INSTALLED)

TOOLS = go run -buildvcs=false ./testdata/tools

tools: ## build the programs that tests run, but for the API server; minutes, once
	$(TOOLS) distribution cosign2 cosign3 sarif

control: ## build the controller manager, scheduler and kwok that tests run; 7 minutes, once
	$(TOOLS) control kwok

apiserver: ## build the kube-apiserver that tests run; 5 to 9 minutes, once
	$(TOOLS) apiserver

flux: ## build Flux's source-controller that tests run (ENGINES=1 builds it for make test); 4 minutes, once
	$(TOOLS) flux

# -count=1: go test's cache does not notice programs outside of the checkout that a test
# runs. -parallel: parallel tests mostly wait. -timeout: of a package.
TESTFLAGS = -count=1 -timeout 20m

test: ## build what tests need, once, and run all; QUICK=1 does not build, and says what it skips
	$(TOOLS) $(if $(QUICK),-n)
	go run -buildvcs=false ./testdata/gotest $(TESTFLAGS) -parallel 8 $(PACKAGES)
	GOFLAGS= go run -buildvcs=false ./testdata/gotest -C testdata/bench $(TESTFLAGS) ./...

image: ## bin/image, the container image for linux/amd64 and linux/arm64 as an OCI layout, and its digest
	go run -buildvcs=false ./cmd/internal/image -o '$(BIN)/image' -ldflags '$(LDFLAGS)' \
		-created '$(COMMITTIME)' -version '$(VERSION)' -revision '$(COMMIT)'

# Where releases will be found, for the manifests of krew and Homebrew.
REPOSITORY = https://github.com/plumb-dev/plumb

# With a tag at HEAD, a release; without, a snapshot. GoReleaser wants a remote, which it does
# not use, and hands PATH, but not GOPROXY, on to the program that writes SBOMs.
RELEASE   = $(if $(shell git describe --exact-match --tags HEAD 2>/dev/null),--skip=publish,--snapshot)
NOREMOTE := $(if $(shell git remote 2>/dev/null),,GIT_CONFIG_COUNT=1 \
	GIT_CONFIG_KEY_0=remote.origin.url GIT_CONFIG_VALUE_0='$(REPOSITORY)')

release: man image ## bin/release: archives, checksums, SBOMs, manifests for krew and Homebrew; publishes nothing
	rm -rf bin/share && mkdir -p bin/share/completion
	cp '$(BIN)/plumb.1' bin/share/plumb.1
	'$(BIN)/plumb' completion bash > bin/share/completion/plumb.bash
	'$(BIN)/plumb' completion zsh > bin/share/completion/_plumb
	'$(BIN)/plumb' completion fish > bin/share/completion/plumb.fish
	'$(BIN)/plumb' completion kubectl > bin/share/completion/kubectl_complete-plumb
	GOFLAGS= CGO_ENABLED=0 GOBIN='$(CURDIR)/bin/tools' go install -trimpath $(CYCLONEDX)
	$(NOREMOTE) PATH='$(CURDIR)/bin/tools':"$$PATH" LDFLAGS='$(LDFLAGS)' REPOSITORY='$(REPOSITORY)' \
	GOFLAGS= go run $(GORELEASER) release --clean $(RELEASE)

reproduce: release ## release again in a clone, and compare byte by byte
	@test -z '$(MODIFIED)' || { echo 'the checkout has changes: commit them first'; exit 1; }
	rm -rf '$(BIN)/clone' && git clone -q . '$(BIN)/clone'
	$(MAKE) -C '$(BIN)/clone' release BIN=bin VERSION='$(VERSION)' REPOSITORY='$(REPOSITORY)'
	for file in checksums.txt krew/plumb.yaml homebrew/plumb.rb; do \
		cmp "bin/release/$$file" "$(BIN)/clone/bin/release/$$file" || exit 1; done
	cmp '$(BIN)/image/index.json' '$(BIN)/clone/bin/image/index.json'
	rm -rf '$(BIN)/clone'

demo: ## a session with its own registry and repository, which KEEP=1 keeps
	go run -buildvcs=false ./testdata/demo

bench: build ## the budgets, one line each, then the packages' benchmarks
	GOFLAGS= go run -C testdata/bench -buildvcs=false . -plumb '$(abspath $(BIN))/plumb'
	go test -run '^$$' -bench . -benchtime $(BENCHTIME) -benchmem ./...

lint: fmt vet staticcheck actionlint govulncheck ## gofmt, go vet, staticcheck, actionlint, govulncheck

fmt:
	@unformatted=$$(gofmt -l cmd lockfile resolver verify testdata); \
	if [ -n "$$unformatted" ]; then echo 'not formatted by gofmt:'; echo "$$unformatted"; exit 1; fi

vet:
	go vet $(PACKAGES)
	GOOS=darwin GOARCH=arm64 CGO_ENABLED=0 go vet ./cmd/plumb
	GOOS=windows GOARCH=amd64 CGO_ENABLED=0 go vet ./cmd/plumb
	GOFLAGS= go vet -C testdata/bench ./...

staticcheck:
	go run $(STATICCHECK) $(PACKAGES)
	GOFLAGS= go run -C testdata/bench $(STATICCHECK) ./...

actionlint:
	go run $(ACTIONLINT) -shellcheck= -pyflakes= cmd/internal/scaffold/ci/github.yml \
		cmd/internal/scaffold/ci/github-bots.yml

# Its database is on the network. If it cannot be reached, the code is not at fault;
# any other error fails the target.
govulncheck:
	@echo 'go run $(GOVULNCHECK) ./...'; \
	if out=$$(go run $(GOVULNCHECK) ./... 2>&1); then echo "$$out"; exit 0; fi; \
	echo "$$out"; \
	case "$$out" in \
	*'fetching vulnerabilities: Get '*) echo '!!!! the database cannot be reached: NOT CHECKED FOR KNOWN VULNERABILITIES';; \
	*) exit 1;; \
	esac

fuzz: ## each fuzz test for FUZZTIME (5m)
	@set -e; found=; \
	for package in $$(go list ./...); do \
		for target in $$(go test -list '^Fuzz' "$$package" | grep '^Fuzz' || true); do \
			found=1; \
			echo "go test -fuzz ^$$target\$$ $$package"; \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) "$$package"; \
		done; \
	done; \
	if [ -z "$$found" ]; then echo 'no fuzz target'; exit 1; fi

cover: ## the share of statements that tests cover
	go test -coverpkg ./... -coverprofile cover.out ./...
	go tool cover -func cover.out | tail -n 1

clean: ## remove what the other targets write
	rm -rf '$(BIN)' cover.out
