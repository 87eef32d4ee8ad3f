; Definitions of OCaml: values of modules, types, modules, classes.
(comment) @attached

(compilation_unit (value_definition
  (let_binding pattern: (value_name) @name)) @definition.value)
(structure (value_definition (let_binding pattern: (value_name) @name)) @definition.value)
(external (value_name) @name) @definition.value
(value_specification (value_name) @name) @definition.declaration
(type_definition (type_binding name: (type_constructor) @name)) @definition.type
(module_definition (module_binding (module_name) @name)) @container.module
(module_type_definition (module_type_name) @name) @container.module
(exception_definition (constructor_declaration (constructor_name) @name)) @definition.exception
(type_binding (variant_declaration
  (constructor_declaration (constructor_name) @name) @member.constructor))
(class_definition (class_binding (class_name) @name)) @container.class
(method_definition (method_name) @name) @definition.method
