; Definitions of Dart: types and their members, functions, variables.
[(comment) (documentation_comment) (annotation)] @attached

(class_declaration name: (identifier) @name) @container.class
(mixin_declaration name: (identifier) @name) @container.mixin
(extension_declaration name: (identifier) @name) @container.extension
(enum_declaration name: (identifier) @name) @container.enum
(enum_entry name: (identifier) @name) @member.constant
(function_declaration
  signature: (function_signature name: (identifier) @name)) @definition.function
(getter_declaration signature: (getter_signature name: (identifier) @name)) @definition.function
(setter_declaration signature: (setter_signature name: (identifier) @name)) @definition.function
(method_declaration signature: (method_signature [
  (function_signature name: (identifier) @name)
  (getter_signature name: (identifier) @name)
  (setter_signature name: (identifier) @name)
  (constructor_signature name: (identifier) @name)
  (factory_constructor_signature name: (identifier) @name)])) @definition.method
