package verify

// Explanation tells more of a rule than its one line.
type Explanation struct {
	Why     string // what causes a finding, and why it matters
	Example string // a finding as it is printed, digests shortened
	Fix     string // how to fix it
}

// Explain returns what there is to say of a rule; ok is false for an unknown rule.
func Explain(rule string) (e Explanation, ok bool) {
	e, ok = explanations[rule]
	return e, ok
}

var explanations = map[string]Explanation{
	Unpinned: {
		Why: "A tag means whatever the registry serves at the moment of the pull: anyone who can " +
			"push it changes what runs, without a commit and without a review. A digest is the " +
			"hash of the content and means one thing only. So does a commit of a git repository, " +
			"where a branch or a tag does not.",
		Example: `pod.yaml:6:14: image "nginx:1.27" is not pinned [unpinned]`,
		Fix: "plumb lock writes the digest behind the tag, in place, and records it in " +
			"plumb.lock. What has to stay without a digest for a time is named under exceptions " +
			"in plumb.yaml.",
	},
	Unlocked: {
		Why: "The manifest has a digest that plumb.lock does not have: nothing says which tag it " +
			"came from, which platforms it has, or who signed it; and lock update cannot move " +
			"it. The digest was typed by hand, or a commit left plumb.lock out.",
		Example: `pod.yaml:6:14: image "nginx:1.27@sha256:aaaa…" is pinned, but plumb.lock has ` +
			`no entry for docker.io/library/nginx:1.27 [unlocked]`,
		Fix: "plumb lock keeps the pin as it is and adds the entry. Commit both files together.",
	},
	StalePin: {
		Why: "The tag was edited, by hand or by a tool that knows only tags, and the digest behind " +
			"it is still that of another tag of the repository. A node pulls the digest: what " +
			"runs is the old image under the new tag's name.",
		Example: `pod.yaml:6:14: image "nginx:1.28@sha256:aaaa…" has the digest of ` +
			`docker.io/library/nginx:1.27, and plumb.lock has no entry for ` +
			`docker.io/library/nginx:1.28 [stale-pin]`,
		Fix: "plumb lock fetches the tag: where it means the same digest, it adds the entry; else " +
			"it says so, exits with status 1 and leaves the entry out. Then plumb lock update " +
			"NAME pins what the tag means now, and plumb lock --keep-digest NAME locks what is " +
			"written.",
	},
	Unenforced: {
		Why: "The lock has the hash of what the name means, and the consumer has no field in which " +
			"to write it: it takes whatever its source serves under that name. Only plumb notices " +
			"when that is something else.",
		Example: `pod.yaml:6:8: git source "https://github.com/acme/bases.git@v1" is locked, but ` +
			`only plumb compares it with plumb.lock: verify.mode Tag needs the tag, which ref.commit ` +
			`takes away [unenforced]`,
		Fix: "Vendor the content, or use a form that takes a digest, such as an OCIRepository of " +
			"Flux with ref.digest. Until then plumb verify --online in CI finds a chart or a file " +
			"that was replaced under its name.",
	},
	Mismatch: {
		Why: "Manifest or lock was changed without the other, by hand, by another tool or in a " +
			"merge. What runs is what the manifest says; what was reviewed, and whose signature " +
			"was verified, is what the lock says.",
		Example: `pod.yaml:6:14: image "nginx:1.27@sha256:bbbb…" is not what plumb.lock has for ` +
			`docker.io/library/nginx:1.27: sha256:aaaa… [mismatch]`,
		Fix: "Where the manifest is right, plumb lock takes its digest into the lock. Where the " +
			"lock is right, write its digest back into the manifest. A tool that moves digests " +
			"has to run plumb lock afterwards.",
	},
	Unused: {
		Why: "Nothing that plumb reads refers to the entry any more. It does no harm, but the " +
			"lock then lists what is not meant to run. Where an operator starts the image, no " +
			"manifest can name it: plumb.yaml does.",
		Example: `plumb.lock:4:5: nothing refers to image docker.io/library/nginx:1.27 [unused]`,
		Fix: "plumb lock drops the entry. What an operator starts is named under images in " +
			"plumb.yaml.",
	},
	Unsigned: {
		Why: "A policy requires a signature or an attestation of the image, and nothing that is " +
			"stored in the repository satisfies it. A digest tells that the content is always " +
			"the same, not who made it.",
		Example: `pod.yaml:6:14: image "nginx:1.27@sha256:aaaa…" is not accepted: policy web is ` +
			`not satisfied: acme: no signature or attestation was found [unsigned]`,
		Fix: "plumb lock looks for signatures in the registry and stores what satisfies the " +
			"policies. If there are none, have the image signed, or change the policy. Where " +
			"there is no policy at all, one remark for the tree says so until plumb.yaml has " +
			"unsigned: allow.",
	},
	Evidence: {
		Why: "plumb.lock names evidence for the image, and that evidence is missing, was " +
			"changed, or no longer satisfies the policies: because a file below .plumb/evidence " +
			"was left out of a commit or edited, or because the policies have changed.",
		Example: `pod.yaml:6:14: the evidence of image "nginx:1.27@sha256:aaaa…" is not what ` +
			`plumb.lock says: .plumb/evidence/sha256-eeee….json is missing [evidence]`,
		Fix: "git checkout brings back files that were lost; plumb lock fetches the signatures " +
			"again and writes what satisfies the policies as they are now.",
	},
	Platform: {
		Why: "plumb.yaml says under platforms what the nodes run, and the image has nothing for " +
			"one of them: a Pod that lands on such a node does not start.",
		Example: `pod.yaml:6:14: image "nginx:1.27@sha256:aaaa…" has no manifest for linux/arm64 ` +
			`[platform]`,
		Fix: "Use an image that is built for the platform, or take the platform out of platforms " +
			"in plumb.yaml. An image that runs on some nodes only is named under exceptions.",
	},
	Uneditable: {
		Why: "The name is filled in elsewhere, by a template or a variable, or cannot be told " +
			"for another reason, so that no digest can be written there. Left alone, it would be " +
			"an unnoticed hole.",
		Example: `pod.yaml:6:14: "nginx:${TAG}" is filled in elsewhere (variable) [uneditable]`,
		Fix: "Write the digest where the value comes from. To judge what is applied in the end, " +
			"render it and give it to plumb verify -. What is pinned by other means is named " +
			"under exceptions in plumb.yaml.",
	},
	Suspect: {
		Why: "Custom resources hold images in fields that only their operators know. A string " +
			"there looks like one, and plumb does not guess: it neither pins nor requires a pin.",
		Example: `pod.yaml:3:16: "ghcr.io/acme/web:v1" looks like an image, in a field that ` +
			`plumb does not know [suspect]`,
		Fix: "If it is an image, name its place under fields in plumb.yaml: kind and path. Then " +
			"plumb lock pins it like any other.",
	},
	Unreadable: {
		Why: "The file looks as if it held Kubernetes objects and cannot be parsed, so that " +
			"nothing can be said of what it refers to. What cannot be read is never taken for " +
			"clean.",
		Example: `pod.yaml:5:1: cannot be parsed: did not find expected node content [unreadable]`,
		Fix: "Correct the line that is named. A file that is not a manifest, such as a template " +
			"in a language of its own, goes under exclude in plumb.yaml.",
	},
	LockRule: {
		Why: "plumb.lock is written in one form only, and read in that form only, so that a " +
			"merge or an edit gone wrong is noticed. Without a lock that can be read, no digest " +
			"can be compared with it.",
		Example: `plumb.lock:2:1: expected "version: 1" [lock]`,
		Fix: "After a merge, plumb lock settles conflicts from the manifests. Otherwise take the " +
			"file back from git, and run plumb lock instead of editing it.",
	},
	Exception: {
		Why: "An exception is a debt with an owner and a last day. That day is over, or what it " +
			"was made for is gone; left there, it would one day cover something that was never " +
			"agreed to.",
		Example: `plumb.yaml:4:5: the exception for docker.io/library/nginx:1.27 expired on ` +
			`2026-01-02 [exception]`,
		Fix: "Pin what it covers and take it out of plumb.yaml, or agree with its owner on a " +
			"later day.",
	},
	Gone: {
		Why: "The registry no longer has what is pinned, or a part of it: a node that has not " +
			"pulled it before cannot start it, and a rollback to this commit fails. Registries " +
			"drop what no tag names, and what their retention rules say. Only verify --online " +
			"checks this.",
		Example: `pod.yaml:6:14: image "nginx:1.27@sha256:aaaa…" can no longer be pulled: GET ` +
			`https://registry.example/v2/nginx/manifests/sha256:aaaa…: 404 MANIFEST_UNKNOWN ` +
			`[gone]`,
		Fix: "plumb lock update moves the pin to what the tag means now. To keep what was " +
			"pinned, push it again from a copy, and give it a tag that stays.",
	},
	Content: {
		Why: "plumb.lock says of an image of which media type it is, which platforms it has, and " +
			"by which manifest and config. None of that decides what runs, but reports and " +
			"comparisons with a cluster rest on it, and a commit can write anything there: " +
			"verify --online reads the image and compares. An index whose platforms are not " +
			"those of its images is found as well. A chart that lies in the tree is compared with " +
			"the lock each time; a tag that means another commit, a commit that only a fork has, " +
			"and an archive or a file that was replaced are found by --online.",
		Example: `pod.yaml:6:14: image "nginx:1.27@sha256:aaaa…" is not what plumb.lock says: it ` +
			`has no manifest sha256:bbbb… for linux/amd64, as plumb.lock has [content]`,
		Fix: "Find out who wrote the entry, or who replaced the content. Then remove the entry from " +
			"plumb.lock, and plumb lock writes it anew; plumb lock update NAME takes what the name of " +
			"a git source, a chart or a URL means now.",
	},
	UnknownInput: {
		Why: "A symlink leads out of the repository, a submodule is not checked out, a file is a " +
			"Git LFS pointer, or a kustomization names a file that is not there. What is applied " +
			"in the end cannot be told from this tree. What exclude and include in plumb.yaml " +
			"leave out is one remark, with the number of files.",
		Example: `apps/base.yaml:1:1: a symlink that leads out of the repository, to /srv/base.yaml ` +
			`[unknown-input]`,
		Fix: "Bring it into the tree: git submodule update --init checks submodules out, git lfs " +
			"pull fetches the files behind pointers, and a copy does for a link. What no consumer " +
			"reads goes under exclude in plumb.yaml.",
	},
	Nothing: {
		Why: "What was to be verified holds no Kubernetes object, no kustomization and no chart. " +
			"A wrong path, an exclude that is too wide, or a tool that failed while it rendered " +
			"looks just like that, and must not pass for a tree in which all is pinned. The same " +
			"holds for a lock root inside of the tree whose exclude leaves out all that it has; " +
			"one without any manifest yet is a remark.",
		Example: `docs:1:1: no Kubernetes object, kustomization or chart to verify [nothing]`,
		Fix: "Name a path that holds manifests, or correct include and exclude in plumb.yaml. " +
			"Where verify - reads a stream, check the command that writes it: the exit status is " +
			"then 3. Outside of a git repository, with no plumb.yaml or plumb.lock in the folder " +
			"or above, plumb verify reports nothing at all and exits 2.",
	},
}
