package main

import (
	"context"
	"fmt"
	"time"

	"escutcheon/demo"
)

func demoLogs(_ context.Context, e *env, args []string) (int, error) {
	fs, _ := flags("demo")
	rest, err := parse(e, fs, args, 1)
	if err != nil {
		return 0, err
	}
	dir := "escutcheon-demo"
	if len(rest) == 1 {
		dir = rest[0]
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
