; Definitions of Go: functions, methods with their receivers, types and their members, constants.
(comment) @attached

(function_declaration name: (identifier) @name) @definition.function
(method_declaration
  receiver: (parameter_list (parameter_declaration type: [
    (type_identifier) @scope
    (pointer_type (type_identifier) @scope)
    (generic_type type: (type_identifier) @scope)
    (pointer_type (generic_type type: (type_identifier) @scope))]))
  name: (field_identifier) @name) @definition.method

(type_declaration . (type_spec name: (type_identifier) @name type: (struct_type)) .
  ) @container.struct
(type_declaration . (type_spec name: (type_identifier) @name type: (interface_type)) .
  ) @container.interface
(type_declaration . [(type_spec name: (type_identifier) @name)
                     (type_alias name: (type_identifier) @name)] .) @definition.type
(type_spec name: (type_identifier) @name type: (struct_type)) @container.struct
(type_spec name: (type_identifier) @name type: (interface_type)) @container.interface
[(type_spec name: (type_identifier) @name)
 (type_alias name: (type_identifier) @name)] @definition.type

(field_declaration name: (field_identifier) @name) @member.field
(method_elem name: (field_identifier) @name) @definition.method
(source_file (const_declaration (const_spec name: (identifier) @name) @definition.constant))
(source_file (var_declaration (var_spec name: (identifier) @name) @definition.variable))
(source_file (var_declaration (var_spec_list
  (var_spec name: (identifier) @name) @definition.variable)))
