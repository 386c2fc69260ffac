package demo

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"time"
)

// collected is a file of a server as a triage collection brings it.
type collected struct {
	path    string
	written time.Time
	data    []byte
}

// collectionName is what Velociraptor would call the collection of a host: the name says
// of which host the files are, for they do not.
func collectionName(host string, end time.Time) string {
	return "Collection-" + strings.ReplaceAll(host, ".", "_") + "-" + end.Format("2006-01-02T15_04_05Z") + ".zip"
}

func zipped(files []collected) ([]byte, error) {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, f := range files {
		w, err := z.CreateHeader(&zip.FileHeader{Name: f.path, Modified: f.written.UTC(), Method: zip.Deflate})
		if err == nil {
			_, err = w.Write(f.data)
		}
		if err != nil {
			return nil, err
		}
	}
	err := z.Close()
	return out.Bytes(), err
}

const (
	configPath  = "C/Windows/System32/inetsrv/config/"
	historyPath = "C/inetpub/history/CFGHISTORY_%010d/applicationHost.config"
	logPath     = "C/inetpub/logs/LogFiles/W3SVC1/u_ex%s.log"
	errorPath   = "C/Windows/System32/LogFiles/HTTPERR/httperr1.log"
)

// setting is what of a configuration changes over time. Each server's has the modules of
// every IIS beside it.
type setting struct {
	sites, pools []string
	basic        bool        // of owa, whether Windows authentication is on
	dontLog      bool        // HTTP logging is off
	modules      [][2]string // native ones, name and image
	handler      string      // name and type of a managed one
}

// ownModules come with every IIS.
var ownModules = []string{"UriCacheModule cachuri.dll", "FileCacheModule cachfile.dll", "TokenCacheModule cachtokn.dll",
	"HttpCacheModule cachhttp.dll", "StaticCompressionModule compstat.dll", "DefaultDocumentModule defdoc.dll",
	"DirectoryListingModule dirlist.dll", "ProtocolSupportModule protsup.dll", "StaticFileModule static.dll",
	"AnonymousAuthenticationModule authanon.dll", "RequestFilteringModule modrqflt.dll", "CustomErrorModule custerr.dll",
	"HttpLoggingModule loghttp.dll", "WindowsAuthenticationModule authsspi.dll", "IsapiModule isapi.dll",
	"IsapiFilterModule filter.dll", "ConfigurationValidationModule validcfg.dll", "RequestMonitorModule iisreqs.dll"}

// applicationHost is the configuration of a server.
func (c *setting) applicationHost() []byte {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\r\n", args...) }
	line(`<?xml version="1.0" encoding="UTF-8"?>`)
	line(`<configuration>`)
	line(`    <system.applicationHost>`)
	line(`        <applicationPools>`)
	for _, p := range c.pools {
		line(`            <add name="%s" autoStart="true" />`, p)
	}
	line(`        </applicationPools>`)
	line(`        <configHistory />`)
	line(`        <sites>`)
	for i, s := range c.sites {
		line(`            <site name="%s" id="%d" serverAutoStart="true">`, s, i+1)
		line(`                <application path="/">`)
		line(`                    <virtualDirectory path="/" physicalPath="%%SystemDrive%%\inetpub\wwwroot%s" />`,
			strings.ReplaceAll(strings.TrimPrefix(`\`+s, `\Default Web Site`), " ", ""))
		line(`                </application>`)
		line(`            </site>`)
	}
	line(`        </sites>`)
	line(`    </system.applicationHost>`)
	line(`    <system.webServer>`)
	line(`        <globalModules>`)
	for _, m := range ownModules {
		name, image, _ := strings.Cut(m, " ")
		line(`            <add name="%s" image="%%windir%%\System32\inetsrv\%s" />`, name, image)
	}
	for _, m := range c.modules {
		line(`            <add name="%s" image="%s" />`, m[0], m[1])
	}
	line(`        </globalModules>`)
	line(`        <httpLogging dontLog="%t" />`, c.dontLog)
	line(`        <isapiFilters />`)
	c.lists(line)
	line(`    </system.webServer>`)
	if len(c.sites) > 0 && c.sites[len(c.sites)-1] == "Exchange Back End" {
		line(`    <location path="Default Web Site/owa">`)
		line(`        <system.webServer>`)
		line(`            <security>`)
		line(`                <authentication>`)
		line(`                    <windowsAuthentication enabled="%t" />`, c.basic)
		line(`                </authentication>`)
		line(`            </security>`)
		line(`        </system.webServer>`)
		line(`    </location>`)
	}
	line(`</configuration>`)
	return []byte(b.String())
}

// lists are the lists of modules and handlers.
func (c *setting) lists(line func(string, ...any)) {
	line(`        <modules>`)
	for _, m := range ownModules {
		name, _, _ := strings.Cut(m, " ")
		line(`            <add name="%s" lockItem="true" />`, name)
	}
	for _, m := range c.modules {
		line(`            <add name="%s" />`, m[0])
	}
	line(`        </modules>`)
	line(`        <handlers accessPolicy="Read, Script">`)
	if name, typ, ok := strings.Cut(c.handler, " "); ok {
		line(`            <add name="%s" path="health.axd" verb="GET" type="%s" />`, name, typ)
	}
	line(`            <add name="StaticFile" path="*" verb="*" modules="StaticFileModule,DefaultDocumentModule,` +
		`DirectoryListingModule" resourceType="Either" requireAccess="Read" />`)
	line(`        </handlers>`)
}

// notRedirected says that the configuration is read from where it lies.
const notRedirected = "<configuration>\r\n    <configSections>\r\n" +
	"        <section name=\"configurationRedirection\" />\r\n    </configSections>\r\n" +
	"    <configurationRedirection />\r\n</configuration>\r\n"

// webConfig is the web.config of a site: what its developers set, and no module.
const webConfig = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<configuration>\r\n  <system.webServer>\r\n" +
	"    <httpErrors errorMode=\"DetailedLocalOnly\" />\r\n    <staticContent>\r\n" +
	"      <clientCache cacheControlMode=\"UseMaxAge\" cacheControlMaxAge=\"7.00:00:00\" />\r\n    </staticContent>\r\n" +
	"  </system.webServer>\r\n</configuration>\r\n"
