; Definitions of TypeScript and TSX: declarations, functions given to names, members, types.
[(comment) (decorator)] @attached

[(class_declaration name: (type_identifier) @name)
 (abstract_class_declaration name: (type_identifier) @name)] @container.class
[(function_declaration name: (identifier) @name)
 (generator_function_declaration name: (identifier) @name)
 (function_signature name: (identifier) @name)] @definition.function
(interface_declaration name: (type_identifier) @name) @container.interface
(enum_declaration name: (identifier) @name) @definition.enum
(type_alias_declaration name: (type_identifier) @name) @definition.type
[(module name: [(identifier) (nested_identifier) (string)] @name)
 (internal_module name: [(identifier) (nested_identifier) (string)] @name)] @container.namespace

[(method_definition
   name: [(property_identifier) (private_property_identifier) (string)] @name)
 (method_signature
   name: [(property_identifier) (private_property_identifier) (string)] @name)
 (abstract_method_signature
   name: [(property_identifier) (private_property_identifier) (string)] @name)] @definition.method
(class_body (public_field_definition
  name: [(property_identifier) (private_property_identifier)] @name
  value: [(arrow_function) (function_expression)]) @definition.method)
(class_body (public_field_definition
  name: [(property_identifier) (private_property_identifier)] @name) @member.field)
(interface_body (property_signature name: (property_identifier) @name) @member.field)
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

; Other names of the whole module, but not those that stand for another module.
(program [
  (lexical_declaration (variable_declarator
    name: (identifier) @name
    value: [(object) (array) (string) (template_string) (number) (regex) (new_expression)
            (binary_expression) (true) (false) (member_expression) (as_expression)
            (satisfies_expression)]))
  (export_statement (lexical_declaration (variable_declarator name: (identifier) @name)))
  (ambient_declaration (variable_declaration (variable_declarator name: (identifier) @name)))
  (ambient_declaration (lexical_declaration (variable_declarator name: (identifier) @name)))
] @definition.variable)
(program (_ (variable_declarator
  name: (identifier) @name
  value: (call_expression function: [(identifier) (member_expression)] @_callee))
  ) @definition.variable
  (#not-any-of? @_callee "require"))
