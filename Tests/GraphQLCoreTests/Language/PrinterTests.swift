import GraphQLCore
import Testing

@Suite struct PrinterTests {
    @Test(arguments: [
        ("{a b}", "{\n  a\n  b\n}"), ("query{a}", "{\n  a\n}"), ("query A{a}", "query A {\n  a\n}"),
        ("query($a:Int=1@b){a}", "query ($a: Int = 1 @b) {\n  a\n}"), ("query @a{b}", "query @a {\n  b\n}"),
        ("mutation{a:b(c:[1,{d:E}],f:$g)@h{i}}", "mutation {\n  a: b(c: [1, {d: E}], f: $g) @h {\n    i\n  }\n}"),
        ("{...A@b ...on C{d}...@e{f}}", "{\n  ...A @b\n  ... on C {\n    d\n  }\n  ... @e {\n    f\n  }\n}"),
        ("fragment A on B@c{d}", "fragment A on B @c {\n  d\n}"), ("{a}{b}", "{\n  a\n}\n\n{\n  b\n}"),
        ("\"d\" query($a:Int){a}", "\"d\"\nquery ($a: Int) {\n  a\n}"),
        ("query A(\"d\"$a:Int){a}", "query A(\n  \"d\"\n  $a: Int\n) {\n  a\n}"),
        ("{a(b:\"\\u0007\\n\\\"\\u007f\")}", "{\n  a(b: \"\\u0007\\n\\\"\\u007F\")\n}"),
        ("{a(b:\"\\\\ \\b\\f\\r\\t\\/\")}", "{\n  a(b: \"\\\\ \\b\\f\\r\\t/\")\n}"),
        ("{a(b:\"\"\"x\ny\"\"\")}", "{\n  a(b: \"\"\"\n  x\n  y\n  \"\"\")\n}"),
        ("{a(b:true,c:false,d:null,e:1.5)}", "{\n  a(b: true, c: false, d: null, e: 1.5)\n}"),
        (
            "{a(bbbbbbbbbbbbbbbbbbbbbbbbbbbbb:1,ccccccccccccccccccccccccccccccc:2,ddddddddddddddddddd:3)}",
            "{\n  a(\n    bbbbbbbbbbbbbbbbbbbbbbbbbbbbb: 1\n    ccccccccccccccccccccccccccccccc: 2\n    "
                + "ddddddddddddddddddd: 3\n  )\n}"
        ),
        ("schema@a{query:B}", "schema @a {\n  query: B\n}"), ("extend schema@a", "extend schema @a"),
        ("\"d\" scalar A@b", "\"d\"\nscalar A @b"), ("type A", "type A"),
        ("type A implements&B&C{d(e:F=1@g):[H!]!@i}", "type A implements B & C {\n  d(e: F = 1 @g): [H!]! @i\n}"),
        ("type A{b(\"c\"d:E):F}", "type A {\n  b(\n    \"c\"\n    d: E\n  ): F\n}"),
        ("union A=|B|C", "union A = B | C"), ("union A", "union A"),
        ("enum A{\"b\"C D@e}", "enum A {\n  \"b\"\n  C\n  D @e\n}"),
        ("input A{b:C={d:1}}", "input A {\n  b: C = {d: 1}\n}"),
        ("extend interface A{b:C}", "extend interface A {\n  b: C\n}"),
        ("enum A query{b}", "enum A\n\nquery {\n  b\n}"), ("type A{b:C}{d}", "type A {\n  b: C\n}\n\n{\n  d\n}"),
        ("directive@a(b:C)repeatable on|FIELD|QUERY", "directive @a(b: C) repeatable on FIELD | QUERY"),
    ])
    func printsOneForm(_ text: String, _ printed: String) throws {
        let once = Printer.print(try Parser.parseDocument(text))
        #expect(once == printed)
        #expect(Printer.print(try Parser.parseDocument(once)) == once)
    }

    @Test func printsValues() throws {
        #expect(Printer.print(try Parser.parseValue("{a:[1,$b]}")) == "{a: [1, $b]}")
    }
}
