; Definitions of JavaScript: declarations, functions given to names, members of classes and objects.
[(comment) (decorator)] @attached

(class_declaration name: (identifier) @name) @container.class
[(function_declaration name: (identifier) @name)
 (generator_function_declaration name: (identifier) @name)] @definition.function

(method_definition
  name: [(property_identifier) (private_property_identifier) (string)] @name) @definition.method
(class_body (field_definition
  property: [(property_identifier) (private_property_identifier)] @name
  value: [(arrow_function) (function_expression)]) @definition.method)
(class_body (field_definition
  property: [(property_identifier) (private_property_identifier)] @name) @member.field)
(pair
  key: [(property_identifier) (string)] @name
  value: [(arrow_function) (function_expression)]) @definition.method

; on("event", function name() ...)
(arguments (function_expression name: (identifier) @name) @definition.function)

; const f = () => ..., const C = class { ... }
(_ (variable_declarator
  name: (identifier) @name
  value: [(arrow_function) (function_expression) (generator_function)])) @definition.function
(_ (variable_declarator name: (identifier) @name value: (class))) @container.class
(_ (variable_declarator
  name: (identifier) @name
  value: (object [(method_definition)
                  (pair value: [(arrow_function) (function_expression)])]))) @container.object

; exports.f = function ..., A.prototype.f = ...
(expression_statement (assignment_expression
  left: [(identifier) (member_expression)] @name
  right: [(arrow_function) (function_expression) (generator_function)])) @definition.function
(expression_statement (assignment_expression
  left: [(identifier) (member_expression)] @name right: (class))) @container.class
(expression_statement (assignment_expression
  left: (member_expression) @name
  right: (object [(method_definition)
                  (pair value: [(arrow_function) (function_expression)])]))) @container.object
; a = b = function ...: both names
(expression_statement (assignment_expression
  right: (assignment_expression
    left: (member_expression) @name
    right: [(arrow_function) (function_expression)]))) @definition.function
(expression_statement (assignment_expression
  left: (member_expression) @name
  right: (assignment_expression
    right: [(arrow_function) (function_expression)]))) @definition.function

; Other names of the whole module, but not those that stand for another module.
(program [
  (lexical_declaration (variable_declarator
    name: (identifier) @name
    value: [(object) (array) (string) (template_string) (number) (regex) (new_expression)
            (binary_expression) (true) (false) (member_expression)]))
  (export_statement (lexical_declaration (variable_declarator name: (identifier) @name)))
] @definition.variable)
(program (variable_declaration (variable_declarator
  name: (identifier) @name
  value: [(object) (array) (string) (template_string) (number) (regex) (new_expression)
          (binary_expression) (true) (false)])) @definition.variable)
(program (_ (variable_declarator
  name: (identifier) @name
  value: (call_expression function: [(identifier) (member_expression)] @_callee))
  ) @definition.variable
  (#not-any-of? @_callee "require"))
(program (expression_statement (assignment_expression
  left: (member_expression) @name)) @member.property)
