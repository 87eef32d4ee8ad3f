; Definitions of Julia: functions in both forms, macros, types, modules, constants.
[(line_comment) (block_comment)] @attached

(module_definition name: (identifier) @name) @container.module
[(function_definition (signature [
   (identifier) @name
   (call_expression . [(identifier) (field_expression)] @name)
   (typed_expression . (call_expression . [(identifier) (field_expression)] @name))
   (where_expression . (call_expression . [(identifier) (field_expression)] @name))
   (where_expression . (typed_expression
     . (call_expression . [(identifier) (field_expression)] @name)))]))
 (assignment . (call_expression . [(identifier) (field_expression)] @name))
 (assignment . (where_expression
   . (call_expression . [(identifier) (field_expression)] @name)))
 (assignment . (typed_expression
   . (call_expression . [(identifier) (field_expression)] @name)))] @definition.function
(macro_definition (signature (call_expression . (identifier) @name))) @definition.macro
(struct_definition (type_head [
  (identifier) @name
  (parametrized_type_expression . (identifier) @name)
  (binary_expression . (identifier) @name)
  (binary_expression . (parametrized_type_expression . (identifier) @name))])) @container.struct
(abstract_definition (type_head [
  (identifier) @name
  (binary_expression . (identifier) @name)])) @definition.type
(const_statement (assignment . (identifier) @name)) @definition.constant
