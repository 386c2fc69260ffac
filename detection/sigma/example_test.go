package sigma_test

import (
	"fmt"

	"escutcheon/detection/sigma"
)

func Example() {
	docs, err := sigma.Parse([]byte(`
title: A module was added
logsource: {product: windows, service: iis-configuration}
detection:
    selection:
        EventID: 29
        Configuration|contains: '/system.webServer/modules/add'
    filter:
        NewValue: [StaticFileModule, '']
    condition: selection and not filter
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(docs[0].Search(sigma.Env{}))
	// Output:
	// sourcetype="IIS:Configuration:Operational"
	//     EventCode=29
	//     Configuration="*/system.webServer/modules/add*"
	//     NOT (NewValue IN ("StaticFileModule", "") OR NOT NewValue=*)
	// | fillnull value="-" Configuration ConfigPath OldValue NewValue
	// | stats count min(_time) as firstTime max(_time) as lastTime values(user) as user
	//     by dest Configuration ConfigPath OldValue NewValue
	// | `security_content_ctime(firstTime)`
	// | `security_content_ctime(lastTime)`
	// | `sigma_a_module_was_added_filter` <nil>
}
