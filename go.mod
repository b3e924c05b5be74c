module github.com/plumb-dev/plumb

go 1.26
