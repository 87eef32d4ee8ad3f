; Definitions of Swift: types, extensions and their members, functions, properties.
[(comment) (multiline_comment)] @attached

(class_declaration
  declaration_kind: "extension"
  name: (user_type (type_identifier) @name)) @extension.extension
(class_declaration name: (type_identifier) @name) @container.class
(protocol_declaration name: (type_identifier) @name) @container.protocol
(function_declaration name: (simple_identifier) @name) @definition.function
(protocol_function_declaration name: (simple_identifier) @name) @definition.function
(init_declaration name: "init" @name) @definition.constructor
(typealias_declaration name: (type_identifier) @name) @definition.type
(associatedtype_declaration name: (type_identifier) @name) @definition.type
(enum_entry name: (simple_identifier) @name) @member.constant
(source_file (property_declaration
  name: (pattern bound_identifier: (simple_identifier) @name)) @definition.property)
(class_body (property_declaration
  name: (pattern bound_identifier: (simple_identifier) @name)) @member.property)
(enum_class_body (property_declaration
  name: (pattern bound_identifier: (simple_identifier) @name)) @member.property)
(protocol_property_declaration
  name: (pattern bound_identifier: (simple_identifier) @name)) @member.property
