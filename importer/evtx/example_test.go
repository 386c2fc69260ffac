package evtx_test

import (
	"bytes"
	"errors"
	"fmt"
	"log"

	"escutcheon/importer/evtx"
	"escutcheon/importer/evtx/evtxtest"
)

func Example() {
	// In a program this is an *os.File and its size.
	file := (&evtxtest.Log{}).Add(evtxtest.IIS29(evtxtest.IISChange{
		Record: 17, Time: 134_000_000_001_234_567, Computer: "WEB01", ConfigPath: "MACHINE/WEBROOT/APPHOST",
		Configuration: `/system.webServer/modules/add[@name="audit"]`, Edit: 1,
	})).Bytes()

	f, err := evtx.Open(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		log.Fatal(err)
	}
	for r, err := range f.Records() {
		var skip *evtx.Skip
		if errors.As(err, &skip) {
			fmt.Println("skipped", skip.Offset, skip.Reason)
			continue
		} else if err != nil {
			log.Fatal(err)
		}
		id, _ := r.System.EventID()
		at, _ := r.System.TimeCreated()
		fmt.Println(r.System.Computer(), id, at)
		for _, field := range r.Fields {
			if !field.Value.Missing() && field.Value.String() != "" {
				fmt.Println(" ", field.Name, "=", field.Value)
			}
		}
	}
	// Output:
	// WEB01 29 2025-08-18T14:13:20.1234567Z
	//   ConfigPath = MACHINE/WEBROOT/APPHOST
	//   Configuration = /system.webServer/modules/add[@name="audit"]
	//   EditOperationType = 1
}
