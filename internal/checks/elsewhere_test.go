package checks_test

import (
	"os"
	"testing"

	"golang.org/x/tools/go/packages"
)

// The binary is typed with all that it is made of for the systems that it is
// released for: a file, a name or a system call that one lacks shows here, at a
// twentieth of what compiling costs. .ci/run builds it whole for this system
// and for Windows, which differs most.
func TestOtherSystems(t *testing.T) {
	if testing.Short() {
		t.Skip("seconds of work; run without -short")
	}
	for _, system := range [][2]string{{"linux", "arm64"}, {"darwin", "arm64"}} {
		t.Run(system[0]+"/"+system[1], func(t *testing.T) {
			all, err := packages.Load(&packages.Config{Dir: root(t),
				Mode: packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports |
					packages.NeedDeps | packages.NeedTypes | packages.NeedSyntax | packages.NeedTypesSizes,
				Env: append(os.Environ(), "GOOS="+system[0], "GOARCH="+system[1], "CGO_ENABLED=0")}, ".")
			if err != nil {
				t.Fatal(err)
			}
			seen := 0
			packages.Visit(all, nil, func(p *packages.Package) {
				seen++
				for _, e := range p.Errors {
					t.Error(e)
				}
			})
			if seen < 100 {
				t.Errorf("only %d packages were read", seen)
			}
		})
	}
}
