; Definitions of PHP: namespaces, types and their members, functions, constants.
[(comment) (attribute_list)] @attached

(namespace_definition name: (namespace_name) @name body: (_)) @container.namespace
(namespace_definition name: (namespace_name) @name !body) @heading.namespace
(class_declaration name: (name) @name) @container.class
(interface_declaration name: (name) @name) @container.interface
(trait_declaration name: (name) @name) @container.trait
(enum_declaration name: (name) @name) @container.enum
(function_definition name: (name) @name) @definition.function
(method_declaration name: (name) @name) @definition.method
(enum_case name: (name) @name) @member.constant
(const_declaration (const_element (name) @name)) @member.constant
(property_declaration (property_element name: (variable_name (name) @name))) @member.property
