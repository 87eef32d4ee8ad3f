; Definitions of Zig: functions, types given to constants, tests, variables of the file.
(comment) @attached

(function_declaration name: (identifier) @name) @definition.function
(variable_declaration . (identifier) @name (struct_declaration)) @container.struct
(variable_declaration . (identifier) @name (union_declaration)) @container.union
(variable_declaration . (identifier) @name (enum_declaration)) @container.enum
(variable_declaration . (identifier) @name (opaque_declaration)) @container.opaque
(variable_declaration . (identifier) @name (error_set_declaration)) @definition.error
(test_declaration [(string) (identifier)] @name) @definition.test
(source_file (variable_declaration . (identifier) @name) @definition.variable)
(container_field name: (_) @name) @member.field
