package iisconfig_test

import (
	"path"
	"strings"
	"testing"

	"escutcheon/artifact/iisconfig"
	"escutcheon/internal/samples"
)

// TestSamples reads real files: what they are, how many entries of each section they have.
func TestSamples(t *testing.T) {
	for name, want := range map[string]struct {
		kind                            iisconfig.Kind
		global, modules, handlers, line int
	}{
		"config/arm64-win11-applicationHost.config":                        {iisconfig.ApplicationHost, 24, 29, 69, 0},
		"config/arr-reverseproxy-applicationHost.config":                   {iisconfig.ApplicationHost, 15, 12, 3, 0},
		"config/exchange2016-applicationHost.config":                       {iisconfig.ApplicationHost, 33, 35, 165, 0},
		"config/exchange2019-malformed-applicationHost.config":             {iisconfig.ApplicationHost, 33, 35, 165, 128},
		"config/qa-355650-compromised-exchange-globalmodules-fragment.xml": {iisconfig.Fragment, 6, 0, 0, 0},
		"config/server2019-administration.config":                          {iisconfig.Administration, 0, 0, 0, 0},
		"config/server2019-allfeatures-applicationHost.config":             {iisconfig.ApplicationHost, 40, 44, 71, 0},
		"config/server2019-redirection.config":                             {iisconfig.Redirection, 0, 0, 0, 0},
		"config/thirdparty-native-module-first-applicationHost.config":     {iisconfig.ApplicationHost, 14, 11, 30, 0},
		"web.config/exchange2019-owa-web.config":                           {iisconfig.Web, 0, 9, 21, 0},
		"web.config/exchange2019-powershell-web.config":                    {iisconfig.Web, 0, 31, 0, 0},
	} {
		t.Run(path.Base(name), func(t *testing.T) {
			data := samples.IIS(t, name)
			if !iisconfig.Looks(data[:min(len(data), 64<<10)]) {
				t.Error("it is not recognised")
			}
			c := iisconfig.Parse(data)
			count := map[string]int{}
			for _, e := range c.Entries {
				count[e.Section]++
			}
			if c.Kind != want.kind || count["globalModules"] != want.global || count["modules"] != want.modules ||
				count["handlers"] != want.handlers || c.Line != want.line || (c.Problem != "") != (want.line > 0) {
				t.Errorf("%s, %v, line %d: %s", c.Kind, count, c.Line, c.Problem)
			}
			for _, m := range iisconfig.Diff(c, iisconfig.Parse(iisconfig.Mask(data))) {
				if !strings.Contains(m.Was+m.Is, "(masked") {
					t.Errorf("masking changed %+v", m)
				}
			}
		})
	}
}

const written = `<?xml version="1.0"?>
<configuration>
  <system.webServer>
    <globalModules>
      <add name="A" image="%windir%\a.dll" /><!-- <add name="No" image="x.dll"/> -->
      <add name="B&amp;C" image='C:\b.dll' preCondition="bitness64"/>
    </globalModules>
    <httpLogging dontLog="true" />
  </system.webServer>
  <location path="Shop/api" overrideMode="Allow"><system.webServer><modules><remove name="A" />
    <add type="Evil.Module, Evil" name="M" /></modules></system.webServer></location>
  <system.web><machineKey validationKey="0123456789ABCDEF" decryptionKey="AutoGenerate,IsolateApps" /></system.web>
  <appSettings><add key="DbPassword" value="hunter2" /><add key="Colour" value="blue" /></appSettings>
  <connectionStrings><add name="x" connectionString="Server=.;Pwd=hunter2"/></connectionStrings>
  <system.applicationHost><configHistory enabled="false" maxHistories="1"/><sites>
    <site name="Shop" id="2"><application path="/"><virtualDirectory path="/" physicalPath="D:\shop"/></application>
      <application path="/api"><virtualDirectory path="/" physicalPath="D:\api"/><virtualDirectory path="/v" physicalPath="E:\v"/>
      </application></site></sites>
    <applicationPools><add name="p"><processModel userName="u" password="[enc:X:AAA:enc]"/></add></applicationPools>
  </system.applicationHost>
</configuration>
`

// TestParse reads each thing that is told of a configuration.
func TestParse(t *testing.T) {
	utf16 := []byte{0xff, 0xfe}
	for _, c := range written {
		utf16 = append(utf16, byte(c), byte(c>>8))
	}
	for encoding, data := range map[string][]byte{"utf-8": []byte("\xef\xbb\xbf" + written), "utf-16le": utf16} {
		c := iisconfig.Parse(data)
		if c.Problem != "" || c.Kind != iisconfig.ApplicationHost || c.Encoding != encoding || len(c.Entries) != 4 {
			t.Fatalf("%+v", c)
		}
		if e := c.Entries[1]; e.Name != "B&C" || e.Image != `C:\b.dll` || e.PreCondition != "bitness64" || e.Line != 6 {
			t.Errorf("%+v", e)
		}
		if e := c.Entries[3]; e.Name != "M" || e.Type != "Evil.Module, Evil" || e.Location != "Shop/api" || e.Line != 11 {
			t.Errorf("%+v", e)
		}
		if k := c.MachineKeys; len(k) != 1 || k[0].Which() != "validationKey" || k[0].Line != 12 {
			t.Errorf("%+v", k)
		}
		if h := c.History; h == nil || h.Enabled == nil || *h.Enabled || h.Max != "1" {
			t.Errorf("%+v", h)
		}
		if s := c.Sites; len(s) != 1 || len(s[0].Applications) != 3 || s[0].Applications[2].Path != "/api/v" {
			t.Errorf("%+v", s)
		}
		text := string(iisconfig.Mask(data))
		for _, secret := range []string{"0123456789ABCDEF", "hunter2", "AAA"} {
			if strings.Contains(text, secret) {
				t.Errorf("%s stands in the text", secret)
			}
		}
		if !strings.Contains(text, `value="blue"`) || strings.Count(text, "\n") != strings.Count(written, "\n") {
			t.Error("more was changed than secrets:", text)
		}
	}
}

// TestDiff: what differs is named as event 29 names it.
func TestDiff(t *testing.T) {
	was := iisconfig.Parse([]byte(written))
	is := iisconfig.Parse([]byte(strings.NewReplacer(`<add name="A" image="%windir%\a.dll" />`,
		`<add name="New" image="C:\n.dll"/><add name="A" image="C:\other.dll"/>`, `dontLog="true"`, `dontLog="false"`,
		"0123456789ABCDEF", "FEDCBA9876543210", `<remove name="A" />`, ``).Replace(written)))
	var got []string
	for _, d := range iisconfig.Diff(was, is) {
		got = append(got, string(d.Op)+" "+d.ConfigPath+" "+d.Configuration+" | "+d.Text())
	}
	want := `added MACHINE/WEBROOT/APPHOST /system.webServer/globalModules/add[@name="New"] | New added to ` +
		`globalModules, image C:\n.dll
changed MACHINE/WEBROOT/APPHOST /system.webServer/globalModules/add[@name="A"]/@image | A in globalModules: image changed
changed MACHINE/WEBROOT/APPHOST /system.webServer/httpLogging/@dontLog | httpLogging: dontLog changed
changed MACHINE/WEBROOT/APPHOST /system.web/machineKey/@validationKey | machineKey: validationKey changed
removed MACHINE/WEBROOT/APPHOST/Shop/api /system.webServer/modules/remove[@name="A"] | A removed from modules`
	if strings.Join(got, "\n") != want {
		t.Errorf("%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
}

// TestLooks: what is no configuration of IIS is not taken for one.
func TestLooks(t *testing.T) {
	for text, want := range map[string]bool{"<configuration>\n<system.web/>": true, "<Event xmlns='x'><System/>": false,
		"<configuration><log4net/></configuration>": false, "<Events><Event/></Events>": false, "": false, "{}": false,
		"\n<!-- x --><globalModules><add/>": true, "configuration": false, "<modules><add name='x'/></modules>": true,
		"<modules>pom</modules>": false} {
		if iisconfig.Looks([]byte(text)) != want {
			t.Errorf("%q: not %v", text, want)
		}
	}
}
