// .teamcity/settings.kts
//
// TeamCity: each branch and pull request is verified from the git tree alone:
// everything that the manifests name has to be pinned and locked. Findings are in
// the log, and shown as tests. The agent needs git and Go 1.26. Without pull
// requests on GitHub, leave out the feature pullRequests, or name another provider.
// plumb is built once for each commit of it, and kept in the folder plumb-built of
// the agent's cache.

import jetbrains.buildServer.configs.kotlin.*
import jetbrains.buildServer.configs.kotlin.buildFeatures.PullRequests
import jetbrains.buildServer.configs.kotlin.buildFeatures.XmlReport
import jetbrains.buildServer.configs.kotlin.buildFeatures.pullRequests
import jetbrains.buildServer.configs.kotlin.buildFeatures.xmlReport
import jetbrains.buildServer.configs.kotlin.buildSteps.script
import jetbrains.buildServer.configs.kotlin.triggers.vcs

version = "2024.12"

project {
    buildType(Plumb)
}

object Plumb : BuildType({
    name = "plumb"

    params {
        // plumb is not published yet: name a clone of it that the agents can reach.
        param("env.PLUMB_REPOSITORY", "REPOSITORY_OF_PLUMB")
        param("env.PLUMB_COMMIT", "COMMIT_OF_PLUMB")
    }

    vcs {
        root(DslContext.settingsRoot)
    }

    steps {
        script {
            name = "build plumb"
            scriptContent = """
                set -eu
                cd "%system.teamcity.build.tempDir%"
                rm -rf plumb
                git init --quiet plumb
                cd plumb
                git fetch --quiet --depth 1 "%env.PLUMB_REPOSITORY%" "%env.PLUMB_COMMIT%"
                git checkout --quiet FETCH_HEAD
                built="${'$'}{XDG_CACHE_HOME:-${'$'}HOME/.cache}/plumb-built/${'$'}(git rev-parse HEAD)"
                if ! test -x "${'$'}built"; then
                    GOWORK=off go build -trimpath -buildvcs=false -o plumb ./cmd/plumb
                    mkdir -p "${'$'}(dirname "${'$'}built")"
                    cp plumb "${'$'}built.${'$'}${'$'}"
                    mv "${'$'}built.${'$'}${'$'}" "${'$'}built"
                fi
                ln -sf "${'$'}built" plumb
            """.trimIndent()
        }
        script {
            name = "verify"
            scriptContent = """
                set -eu
                plumb="%system.teamcity.build.tempDir%/plumb/plumb"
                status=0
                "${'$'}plumb" verify || status=${'$'}?
                "${'$'}plumb" verify --quiet --output junit >plumb-junit.xml || test ${'$'}? -le "${'$'}status"
                exit "${'$'}status"
            """.trimIndent()
        }
    }

    triggers {
        vcs {
        }
    }

    features {
        pullRequests {
            vcsRootExtId = "${DslContext.settingsRoot.id}"
            provider = github {
                authType = vcsRoot()
                filterAuthorRole = PullRequests.GitHubRoleFilter.MEMBER
            }
        }
        xmlReport {
            reportType = XmlReport.XmlReportType.JUNIT
            rules = "+:plumb-junit.xml"
        }
    }

    failureConditions {
        executionTimeoutMin = 10
    }
})
