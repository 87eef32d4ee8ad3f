; Definitions of shell scripts: functions, and variables that the script's top level sets.
(comment) @attached

(function_definition name: (word) @name) @definition.function
(program (variable_assignment name: (variable_name) @name) @definition.variable)
(program (declaration_command
  (variable_assignment name: (variable_name) @name)) @definition.variable)
