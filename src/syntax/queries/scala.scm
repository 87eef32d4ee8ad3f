; Definitions of Scala: types and their members, functions, values.
[(comment) (block_comment)] @attached

(class_definition name: (_) @name) @container.class
(object_definition name: (_) @name) @container.object
(package_object name: (_) @name) @container.object
(trait_definition name: (_) @name) @container.trait
(enum_definition name: (_) @name) @container.enum
[(function_definition name: (_) @name)
 (function_declaration name: (_) @name)] @definition.function
(type_definition name: (type_identifier) @name) @definition.type
(given_definition name: (_) @name) @definition.given
[(simple_enum_case name: (_) @name) (full_enum_case name: (_) @name)] @member.constant
(template_body [
  (val_definition pattern: (identifier) @name)
  (var_definition pattern: (identifier) @name)
  (val_declaration name: (identifier) @name)
  (var_declaration name: (identifier) @name)] @member.value)
(compilation_unit [
  (val_definition pattern: (identifier) @name)
  (var_definition pattern: (identifier) @name)] @definition.value)
