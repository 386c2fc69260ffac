package onfile_test

import (
	"strings"
	"testing"
	"time"

	"escutcheon/artifact"
	"escutcheon/detection/onfile"
	"escutcheon/detection/verdict"
)

// laid is a configuration with one module that lay somewhere, written at a minute.
func laid(name, module string, minute int) artifact.File {
	f := artifact.Read(name, []byte(`<configuration><system.applicationHost/><system.webServer><globalModules><add name="`+
		module+`" image="C:\m.dll"/></globalModules></system.webServer></configuration>`))
	f.ID, f.Modified = int64(minute), noon.Add(time.Duration(minute)*time.Minute)
	return *f
}

// TestStrays: a configuration that lies where IIS does not read it is not in force, however
// new it is, and no version; it is told, and counts where there is no other.
func TestStrays(t *testing.T) {
	const own, site = "C/Windows/System32/inetsrv/config/applicationHost.config", "C/inetpub/wwwroot/"
	redirection := artifact.Read("C/Windows/System32/inetsrv/config/redirection.config", []byte(
		`<configuration><configurationRedirection enabled="true" path="D:\shared\"/></configuration>`))
	elsewhere := artifact.Read(site+"redirection.config", []byte(
		`<configuration><configurationRedirection enabled="true" path="D:\shared\"/></configuration>`))
	for name, tt := range map[string]struct {
		files      []artifact.File
		want       string // the module of the one in force
		versions   int
		told       string
		redirected bool
		elsewhere  bool
	}{
		"alone": {[]artifact.File{laid(own, "true", 1)}, "true", 1, "", false, false},
		"in a site": {[]artifact.File{laid(own, "true", 1), laid(site+"x.config", "false", 9)}, "true", 1,
			"no version", false, false},
		"by its name": {[]artifact.File{laid(own, "true", 1), laid(site+"applicationHost.config", "false", 9)}, "true", 1,
			"no version", false, false},
		"as its path": {[]artifact.File{laid(own, "true", 1), laid(site+own[2:], "false", 9)}, "true", 1,
			"no version", false, false},
		"beside it":    {[]artifact.File{laid(own, "true", 5), laid(own+".bak", "old", 1)}, "true", 2, "", false, false},
		"newer beside": {[]artifact.File{laid(own, "true", 5), laid(own+".new", "old", 9)}, "true", 2, "", false, false},
		"brought later alone": {[]artifact.File{laid(own, "old", 1), laid("applicationHost.config", "true", 9)},
			"true", 2, "",
			false, false},
		"no other": {[]artifact.File{laid("uploads/auto/C%3A/temp/applicationHost.config", "it", 1)}, "it", 1,
			"need not be in force", false, true},
		"shared": {[]artifact.File{laid(own, "old", 1), laid("uploads/auto/D%3A/shared/applicationHost.config", "true", 9),
			*redirection}, "true", 2, "read from", true, false},
		"redirected by a site": {[]artifact.File{laid(own, "true", 1), *elsewhere}, "true", 1, "", false, false},
	} {
		h := onfile.Make(tt.files, nil, verdict.Log{})
		var told []string
		for _, s := range h.Told {
			told = append(told, s.Text)
		}
		got := ""
		if h.Current != nil {
			got = h.Current.Config.Entries[0].Name
		}
		if got != tt.want || len(h.Versions) != tt.versions || (len(told) > 0) != (tt.told != "") ||
			!strings.Contains(strings.Join(told, " "), tt.told) || h.Redirected != tt.redirected || h.Elsewhere != tt.elsewhere {
			t.Errorf("%s: %s in force, %d versions, told %q, redirected %v, elsewhere %v", name, got, len(h.Versions), told,
				h.Redirected, h.Elsewhere)
		}
	}
}

// TestWebConfig: what is named web.config is one, whatever else it says that it is.
func TestWebConfig(t *testing.T) {
	for _, inside := range []string{"<system.applicationHost/>", "<system.webServer><globalModules/></system.webServer>",
		"<moduleProviders/>", `<configurationRedirection enabled="true" path="D:\x"/>`} {
		f := artifact.Read("C/inetpub/wwwroot/Web.config", []byte("<configuration>"+inside+"</configuration>"))
		if f == nil || f.Kind != artifact.Web {
			t.Errorf("%s: %+v", inside, f)
		}
	}
}
