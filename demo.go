package main

import (
	"context"
	"fmt"
	"time"

	"escutcheon/demo"
)

func demoLogs(_ context.Context, e *env, args []string) (int, error) {
	fs, _ := flags("demo")
	if err := parse(e, fs, args, 1); err != nil {
		return 0, err
	}
	dir := "escutcheon-demo"
	if fs.NArg() == 1 {
		dir = fs.Arg(0)
	}
	files, err := demo.Write(dir, time.Now())
	if err != nil {
		return 0, err
	}
	for _, f := range files {
		fmt.Fprintln(e.stdout, f)
	}
	fmt.Fprintf(e.stderr, "Import them with: escutcheon import %s/*\n", dir)
	return exitDone, nil
}
