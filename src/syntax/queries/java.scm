; Definitions of Java: types and their members.
[(line_comment) (block_comment)] @attached

(class_declaration name: (identifier) @name) @container.class
(interface_declaration name: (identifier) @name) @container.interface
(enum_declaration name: (identifier) @name) @container.enum
(record_declaration name: (identifier) @name) @container.record
(annotation_type_declaration name: (identifier) @name) @container.annotation
(method_declaration name: (identifier) @name) @definition.method
[(constructor_declaration name: (identifier) @name)
 (compact_constructor_declaration name: (identifier) @name)] @definition.constructor
(annotation_type_element_declaration name: (identifier) @name) @definition.method
(enum_constant name: (identifier) @name) @member.constant
(field_declaration declarator: (variable_declarator name: (identifier) @name)) @member.field
(constant_declaration
  declarator: (variable_declarator name: (identifier) @name)) @member.constant
