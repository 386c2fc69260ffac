package main

import (
	"flag"
	"fmt"
	"os"

	"escutcheon/detection"
	"escutcheon/rulefiles"
)

// ruleSource is where a command takes rules from, beside those of the database.
type ruleSource struct {
	paths  []string
	values string // of the placeholders of Sigma rules
}

func rulesFlags(fs *flag.FlagSet) *ruleSource {
	s := &ruleSource{}
	fs.Func("rules", "a `folder` or file of ESCU or Sigma rules to load (may be given more than once)",
		func(v string) error {
			s.paths = append(s.paths, v)
			return nil
		})
	valuesFlag(fs, &s.values)
	return s
}

func valuesFlag(fs *flag.FlagSet, path *string) {
	fs.StringVar(path, "sigma-values", "", "a YAML `file` of the values that stand for placeholders of Sigma rules, in "+
		"the place of the one before")
}

// read reads the files of rules, and of values.
func (s *ruleSource) read() (files []detection.SourceFile, err error) {
	if s == nil {
		return nil, nil
	}
	if files, err = s.readValues(); err != nil || len(s.paths) == 0 {
		return files, err
	}
	content, err := rulefiles.Read(s.paths...)
	if err != nil {
		return nil, err
	}
	return append(files, content.Files...), nil
}

// readValues reads the file of values, where one is named.
func (s *ruleSource) readValues() ([]detection.SourceFile, error) {
	if s.values == "" {
		return nil, nil
	}
	data, err := os.ReadFile(s.values)
	if err == nil && len(data) > rulefiles.MaxYAML {
		err = fmt.Errorf("it is longer than %d bytes", rulefiles.MaxYAML)
	}
	if err == nil {
		err = detection.CheckValues(data)
	}
	if err != nil {
		return nil, usageError{fmt.Sprintf("--sigma-values %q: %v", s.values, err)}
	}
	return []detection.SourceFile{{Kind: detection.ValuesFile, Path: detection.ValuesPath, Content: data}}, nil
}
