; Definitions of Rust: items, members of types and traits, macros.
[(line_comment) (block_comment) (attribute_item)] @attached

(function_item name: (identifier) @name) @definition.function
(function_signature_item name: (identifier) @name) @definition.function
(struct_item name: (type_identifier) @name) @container.struct
(union_item name: (type_identifier) @name) @container.union
(enum_item name: (type_identifier) @name) @container.enum
(trait_item name: (type_identifier) @name) @container.trait
(mod_item name: (identifier) @name body: (_)) @container.module
(type_item name: (type_identifier) @name) @definition.type
(associated_type name: (type_identifier) @name) @definition.type
(macro_definition name: (identifier) @name) @definition.macro
(const_item name: (identifier) @name) @definition.constant
(static_item name: (identifier) @name) @definition.variable
(impl_item type: [
  (type_identifier) @name
  (generic_type type: [(type_identifier) (scoped_type_identifier)] @name)
  (scoped_type_identifier name: (type_identifier) @name)
  (reference_type (type_identifier) @name)
  (primitive_type) @name]) @extension.impl

(field_declaration name: (field_identifier) @name) @member.field
(enum_variant name: (identifier) @name) @member.variant
