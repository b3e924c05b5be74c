package syntax
var yamlCases = []struct{src string}{{"a: 1\n"}}
