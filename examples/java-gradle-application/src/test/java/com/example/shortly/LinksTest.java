package com.example.shortly;

import static org.junit.Assert.assertEquals;

import java.util.Optional;
import org.junit.Test;

public class LinksTest {

    @Test
    public void givesTheSameNameAgain() {
        Links links = new Links();
        String name = links.add("https://example.com/a");
        assertEquals(name, links.add(" https://example.com/a\n"));
        assertEquals(Optional.of("https://example.com/a"), links.find(name));
    }
}
