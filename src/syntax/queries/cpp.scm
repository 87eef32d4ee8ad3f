; Definitions of C++: functions and methods also outside of their class, types and their members,
; templates, macros, variables. Headers of C are read with this grammar too.
(comment) @attached

(function_definition declarator: [
  (function_declarator declarator: [
    (identifier) (field_identifier) (qualified_identifier) (destructor_name) (operator_name)] @name)
  (_ (function_declarator declarator: [
    (identifier) (field_identifier) (qualified_identifier) (destructor_name) (operator_name)] @name))
  (pointer_declarator declarator: (pointer_declarator declarator: (function_declarator
    declarator: [(identifier) (field_identifier) (qualified_identifier)] @name)))
  (operator_cast) @name
  (qualified_identifier name: (operator_cast)) @name]) @definition.function

((declaration declarator: [
  (function_declarator declarator: [(identifier) (destructor_name) (operator_name)] @name)
  (_ (function_declarator declarator: [(identifier) (operator_name)] @name))
  ]) @definition.declaration
  (#not-in? @definition.declaration "compound_statement" "case_statement" "for_statement"
    "condition_clause"))
(field_declaration declarator: [
  (function_declarator declarator: [(field_identifier) (operator_name)] @name)
  (_ (function_declarator declarator: [(field_identifier) (operator_name)] @name))
  ]) @definition.declaration

(namespace_definition name: [(namespace_identifier) (nested_namespace_specifier)] @name
  ) @container.namespace
(class_specifier
  name: [(type_identifier) (template_type) (qualified_identifier)] @name
  body: (_)) @container.class
(struct_specifier
  name: [(type_identifier) (template_type) (qualified_identifier)] @name
  body: (_)) @container.struct
(union_specifier name: (type_identifier) @name body: (_)) @container.union
(enum_specifier name: [(type_identifier) (qualified_identifier)] @name body: (_)) @container.enum
(concept_definition name: (identifier) @name) @definition.concept
(alias_declaration name: (type_identifier) @name) @definition.type
(type_definition
  type: [(struct_specifier body: (_)) (union_specifier body: (_)) (enum_specifier body: (_))]
  declarator: (type_identifier) @name) @container.type
(type_definition declarator: [
  (type_identifier) @name
  (pointer_declarator declarator: (type_identifier) @name)
  (function_declarator declarator: (parenthesized_declarator
    (pointer_declarator declarator: (type_identifier) @name)))]) @definition.type

(preproc_function_def name: (identifier) @name) @definition.macro
(preproc_def name: (identifier) @name value: (_)) @definition.macro
(enumerator name: (identifier) @name) @member.constant
(field_declaration declarator: [
  (field_identifier) @name
  (pointer_declarator declarator: (field_identifier) @name)
  (reference_declarator (field_identifier) @name)
  (array_declarator declarator: (field_identifier) @name)]) @member.field
((declaration declarator: (init_declarator declarator: [
  (identifier) @name
  (pointer_declarator declarator: (identifier) @name)
  (array_declarator declarator: (identifier) @name)])) @definition.variable
  (#not-in? @definition.variable "compound_statement" "case_statement" "for_statement"
    "for_range_loop" "condition_clause" "init_statement"))
