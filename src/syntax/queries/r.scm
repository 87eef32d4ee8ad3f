; Definitions of R: functions and classes given to names, variables of the file.
(comment) @attached

(binary_operator
  lhs: [(identifier) (string)] @name
  operator: ["<-" "=" "<<-"]
  rhs: (function_definition)) @definition.function
((binary_operator
  lhs: (identifier) @name
  rhs: (call function: [(identifier) (namespace_operator)] @_call)) @container.class
  (#any-of? @_call "R6Class" "R6::R6Class" "setRefClass" "setClass"))
(argument name: (identifier) @name value: (function_definition)) @definition.method
(program (binary_operator
  lhs: (identifier) @name operator: ["<-" "="]) @definition.variable)
