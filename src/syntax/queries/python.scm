; Definitions of Python: functions, classes, and what modules and classes assign to.
[(comment) (decorator)] @attached

(function_definition name: (identifier) @name) @definition.function
(class_definition name: (identifier) @name) @container.class

(module (expression_statement (assignment left: (identifier) @name) @definition.variable))
(class_definition
  body: (block (expression_statement (assignment left: (identifier) @name) @member.field)))
(type_alias_statement left: (type (identifier) @name)) @definition.type
