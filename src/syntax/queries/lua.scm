; Definitions of Lua: functions however they get their name, tables of functions, variables.
(comment) @attached

(function_declaration
  name: [(identifier) (dot_index_expression) (method_index_expression)] @name
  ) @definition.function
(variable_declaration (assignment_statement
  (variable_list . (identifier) @name)
  (expression_list . (function_definition)))) @definition.function
(assignment_statement
  (variable_list . [(identifier) (dot_index_expression)] @name)
  (expression_list . (function_definition))) @definition.function
(field name: (identifier) @name value: (function_definition)) @definition.function
(chunk (_ (assignment_statement
  (variable_list . [(identifier) (dot_index_expression)] @name)
  (expression_list . (table_constructor (field value: (function_definition)))))
  ) @container.table)
(chunk (assignment_statement
  (variable_list . [(identifier) (dot_index_expression)] @name)
  (expression_list . (table_constructor (field value: (function_definition))))
  ) @container.table)
(chunk (variable_declaration (assignment_statement
  (variable_list . (identifier) @name)
  (expression_list . [(table_constructor) (string) (number) (binary_expression) (true) (false)]))
  ) @definition.variable)
(chunk (assignment_statement
  (variable_list . (dot_index_expression) @name)) @member.field)
