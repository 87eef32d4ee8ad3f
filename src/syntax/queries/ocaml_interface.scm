; What an interface of OCaml declares.
(comment) @attached

(value_specification (value_name) @name) @definition.declaration
(external (value_name) @name) @definition.declaration
(type_definition (type_binding name: (type_constructor) @name)) @definition.type
(module_definition (module_binding (module_name) @name)) @container.module
(module_type_definition (module_type_name) @name) @container.module
(exception_definition (constructor_declaration (constructor_name) @name)) @definition.exception
