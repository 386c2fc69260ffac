package main

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
)

// version is set by the linker for releases.
var version = ""

func printVersion(_ context.Context, e *env, args []string) (int, error) {
	if len(args) > 0 {
		return 0, usageError{fmt.Sprintf("unexpected argument %q", args[0])}
	}
	fmt.Fprintf(e.stdout, "escutcheon %s (%s, %s/%s)\n", buildVersion(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return exitDone, nil
}

// buildVersion is the linker's version, else the commit Go recorded, else
// "devel".
func buildVersion() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && len(s.Value) >= 12 {
				return "devel-" + s.Value[:12]
			}
		}
	}
	return "devel"
}
