// Package demo writes a believable set of logs to try Escutcheon with: three
// servers, ten days, three file formats, one native module that somebody
// planted, and a triage collection of the server on which it was. It imports
// nothing: the files go in by the same way as any others.
package demo

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"escutcheon/demo/logwriter"
)

// What is to be found in the logs.
const (
	// PlantedHost is the server on which PlantedModule was added and HTTP
	// logging switched off.
	PlantedHost   = "exch01.corp.example"
	PlantedModule = "HttpStreamCacheModule"
	PlantedImage  = `%windir%\System32\inetsrv\httpstrm.dll`

	// AdminHost is the server to which an administrator added AdminModule, a
	// module that comes with IIS.
	AdminHost   = "web02.corp.example"
	AdminModule = "HttpRedirectionModule"
	AdminImage  = `%windir%\System32\inetsrv\redirect.dll`

	quietHost = "web01.corp.example"
)

// days is how far the logs reach back.
const days = 10

// Write writes the logs into dir, which it makes when it is not there, and
// returns the paths of the files. Files of the same names are overwritten. The
// logs end with the last full hour before now: within one hour Write gives the
// same bytes, so that loading them again adds nothing.
func Write(dir string, now time.Time) ([]string, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("demo logs: %w", err)
	}
	end := now.UTC().Truncate(time.Hour)
	files := []struct {
		name   string
		encode func([]logwriter.Record) ([]byte, error)
		server func(end time.Time) *server
	}{
		{"web01-splunk.log", text, web01},
		{"web02-events.xml", xml, web02},
		{"exch01-nxlog.ndjson.gz", nxlogGzip, exch01},
	}
	var paths []string
	write := func(name string, data []byte, err error) error {
		if err != nil {
			return fmt.Errorf("demo logs: %s: %w", name, err)
		}
		path := filepath.Join(dir, name)
		paths = append(paths, path)
		return os.WriteFile(path, data, 0o644)
	}
	for _, f := range files {
		data, err := f.encode(f.server(end).finish())
		if err := write(f.name, data, err); err != nil {
			return nil, err
		}
	}
	_, owa := exch01Worked(end)
	data, err := zipped(exch01Files(end, owa))
	if err := write(collectionName(PlantedHost, end), data, err); err != nil {
		return nil, err
	}
	return paths, nil
}

// text encodes as a Splunk universal forwarder would, in UTC.
func text(records []logwriter.Record) (out []byte, err error) {
	for i := range records {
		out = logwriter.AppendText(out, &records[i], time.UTC)
	}
	return out, nil
}

// xml encodes one event a line, without RenderingInfo.
func xml(records []logwriter.Record) (out []byte, err error) {
	for i := range records {
		out = append(logwriter.AppendXML(out, &records[i], false), '\n')
	}
	return out, nil
}

func nxlogGzip(records []logwriter.Record) ([]byte, error) {
	var lines []byte
	for i := range records {
		lines = append(logwriter.AppendNXLog(lines, &records[i], time.UTC), '\n')
	}
	return gzipped(lines)
}

func gzipped(data []byte) ([]byte, error) {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(data); err != nil {
		return nil, err
	}
	err := w.Close()
	return out.Bytes(), err
}
