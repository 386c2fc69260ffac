package spl_test

import (
	"fmt"
	"slices"

	"escutcheon/detection"
	"escutcheon/detection/spl"
)

func ExampleCompile() {
	plan, err := detection.Compile("EventCode=29 | stats count min(_time) as firstTime by ComputerName "+
		"| rename ComputerName AS dest | `security_content_ctime(firstTime)`", detection.BuiltInMacros())
	if err != nil {
		fmt.Println(err)
		return
	}
	events := []spl.Event{
		spl.Map{"EventCode": "29", "ComputerName": "WEB01", "_time": "60"},
		spl.Map{"EventCode": "29", "ComputerName": "WEB01", "_time": "3600.5"},
		spl.Map{"EventCode": "4624", "ComputerName": "WEB01", "_time": "5"},
	}
	fmt.Println(plan.Columns())
	for _, r := range plan.Run(slices.Values(events)).Rows {
		fmt.Println(r.Row)
	}
	// Output:
	// [dest count firstTime]
	// [{dest WEB01} {count 2} {firstTime 1970-01-01T00:01:00}]
}

func ExampleError() {
	_, err := spl.Compile("EventCode=29 | transaction host", nil)
	fmt.Println(err)
	// Output:
	// command "transaction" at line 1, column 16 (offset 15) is not supported
}
